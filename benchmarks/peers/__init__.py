"""One step of air, the same work for bioart and for each of its peers; one file a peer, found by its name.

**The work.** A closed cube of N³ cells of edge h; velocity u, v, w (m/s, f32) on the cells' faces, of shapes
(N+1, N, N), (N, N+1, N), (N, N, N+1); one scalar c (µg/m³, f32) at their middles; z fastest. One step of dt:

1. u, v, w and c are each carried by the step's first velocity with MacCormack: a = (velocity where the
   value lives)·dt/h, by its own component and the mean of the four (for c: two) nearest of each other;
   φ̂(x) = φ(x − a), φ̌(x) = φ̂(x + a), φ' = φ̂ + ½(φ − φ̌), held between the least and the greatest of the 8
   donors of φ(x − a). Trilinear; points are held inside the field's own lattice. Faces in walls stay 0.
2. Projection: u ← u' − ∇p with ∇²p = ∇·u' on the 7-point Laplacian, closed sides, until
   max|∇·u|·h / max|u| ≤ 1e-5.

`work.opening` gives the first state: stirring vortices at two scales, free of divergence to round-off, with
max|u|·dt/h = 0.9 (|u| at the cells' middles), and a ball of c whose edge is one cell wide, so that the
limits act. Where a way is 0 to round-off, on either side of a lattice point, the donors are not defined, so a
peer is held to the reference by its mean difference; the greatest is told.

A peer is a file with a class `Peer(cells, threads)`: `load(u, v, w, c)` sets a state, `step()` advances it
and returns when it is done, `read()` gives the four arrays; `versions()` and `notes` say what ran. It
imports its library when it is made: what is not installed is told and left out.
"""

// The skin about a pixel, as the rays through it and its eight neighbours met it.
uniform sampler2D hits;   // m along a ray, 0 where it met none

struct Layers { float near, far; bool open; };   // m along a ray; open: some ray met none

Layers layers(ivec2 c) {
    Layers o = Layers(reach.y, 0.0, false);
    ivec2 top = textureSize(hits, 0) - 1;
    for (int y = -1; y <= 1; y++)
        for (int x = -1; x <= 1; x++) {
            float s = texelFetch(hits, clamp(c + ivec2(x, y), ivec2(0), top), 0).r;
            if (s > 0.0) o.near = min(o.near, s);
            else o.open = true;
            o.far = max(o.far, s);
        }
    return o;
}

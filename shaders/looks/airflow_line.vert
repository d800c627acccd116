// A line of flow as a ribbon that faces the camera: a Catmull-Rom curve through its points, `pieces` to a step,
// never narrower than a pixel; a thinner one is drawn that wide and as much fainter.
uniform sampler3D rows;    // along, line, 0: place and time, 1: foul, shine, inside, flash
uniform mat4 view, projection;
uniform vec2 pixels;
uniform vec3 eye;
uniform int pieces;
uniform float width;

out float across;
out float coverage;
out float wide;
out float time;
out float ahead;
out vec4 state;   // foul, shine, inside, flash

void main() {
    int index = gl_VertexID >> 1, last = textureSize(rows, 0).x - 1;
    int k = min(index / pieces, last - 1);
    float u = float(index - k * pieces) / float(pieces);
    vec4 b = texelFetch(rows, ivec3(k, gl_InstanceID, 0), 0), c = texelFetch(rows, ivec3(k + 1, gl_InstanceID, 0), 0);
    vec4 a = texelFetch(rows, ivec3(max(k - 1, 0), gl_InstanceID, 0), 0);
    vec4 d = texelFetch(rows, ivec3(min(k + 2, last), gl_InstanceID, 0), 0);
    state = mix(texelFetch(rows, ivec3(k, gl_InstanceID, 1), 0), texelFetch(rows, ivec3(k + 1, gl_InstanceID, 1), 0), u);
    if (k == 0) a = 2.0 * b - c;
    if (k + 2 > last) d = 2.0 * c - b;
    vec4 k1 = 0.5 * (c - a), k2 = a - 2.5 * b + 2.0 * c - 0.5 * d, k3 = 0.5 * (d - a) + 1.5 * (b - c);
    vec4 here = b + u * (k1 + u * (k2 + u * k3));
    vec3 tangent = (k1 + u * (2.0 * k2 + 3.0 * u * k3)).xyz;
    time = here.w;
    ahead = max(-(view * vec4(here.xyz, 1.0)).z, 1e-3);
    float pixel = 2.0 * ahead / (projection[1][1] * pixels.y);        // m
    float radius = width * (0.45 + 0.55 * sqrt(state.y)) * (0.7 + 0.6 * state.x) * (1.0 + 0.2 * state.z);   // foul air is heavy
    float half_wide = max(radius, 0.5 * pixel);
    coverage = radius / half_wide;
    wide = half_wide / pixel;
    float side = float(gl_VertexID & 1) * 2.0 - 1.0, drawn = half_wide + 0.75 * pixel;
    across = side * drawn / half_wide;
    vec3 sideways = normalize(cross(tangent, here.xyz - eye) + 1e-9);
    gl_Position = projection * view * vec4(here.xyz + sideways * side * drawn, 1.0);
}

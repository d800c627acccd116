// A stretch of a strand as a ribbon that faces the camera: a Catmull-Rom curve of four control points, never
// narrower than a pixel; a thinner one is drawn that wide and as much fainter.
in vec3 a, b, c, d;
in vec2 radii;
in vec2 glows;
in vec3 tint;
out vec3 place;
out float across;
out float coverage;
out float shining;
out float width;
out vec3 colour;
out vec3 tangent;

uniform mat4 view, projection;
uniform vec2 pixels;
uniform vec3 eye;
uniform int pieces;

void main() {
    float side = float(gl_VertexID & 1) * 2.0 - 1.0;
    float u = float(gl_VertexID >> 1) / float(pieces);
    vec3 k1 = 0.5 * (c - a), k2 = a - 2.5 * b + 2.0 * c - 0.5 * d, k3 = 0.5 * (d - a) + 1.5 * (b - c);
    place = b + u * (k1 + u * (k2 + u * k3));
    tangent = normalize(k1 + u * (2.0 * k2 + 3.0 * u * k3) + 1e-6);
    float radius = mix(radii.x, radii.y, u);
    vec3 sideways = normalize(cross(tangent, place - eye) + 1e-7);
    float ahead = max(-(view * vec4(place, 1.0)).z, 1e-3);
    float pixel = 2.0 * ahead / (projection[1][1] * pixels.y);        // m
    float half_wide = max(radius, 0.5 * pixel);
    coverage = radius / half_wide;
    width = half_wide / pixel;
    float drawn = half_wide + 0.75 * pixel;
    across = side * drawn / half_wide;
    shining = mix(glows.x, glows.y, u);
    colour = tint;
    gl_Position = projection * view * vec4(place + sideways * side * drawn, 1.0);
}

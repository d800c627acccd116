// A row of words that stands in space where typesetting put it. What faces the camera is never hidden: it
// keeps its place and loses its depth.
#include "lib/murk.glsl"
in vec3 where;
in vec3 across;
in vec3 above;
in vec3 tint;
in vec4 rectangle;
in float front;
out vec2 letter;
out vec3 colour;

uniform mat4 view, projection;
uniform vec3 eye;

const float THROUGH = 0.25;  // of what thick air would take, words lose so much, in stops
const float LEFT = 0.6;      // and never more than this is left of them

void main() {
    vec2 corner = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1));
    letter = mix(rectangle.xy, rectangle.zw, corner);
    corner = corner * 2.0 - 1.0;
    colour = tint * mix(vec3(LEFT), vec3(1.0), pow(through_murk(where, eye), vec3(THROUGH)));
    gl_Position = projection * view * vec4(where + across * corner.x + above * corner.y, 1.0);
    if (front > 0.5) gl_Position.z = -0.999 * gl_Position.w;
}

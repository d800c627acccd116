// A line of words that stands in space: facing where it says, else each camera's base pose. One that stands
// beside a place lies in the focal plane, its nearer edge there, and stays in the picture.
#include "lib/murk.glsl"
in vec3 where;
in vec2 extent;
in vec3 tint;
in float shines;
in vec3 facing;
in vec4 rectangle;
in vec2 beside;
out vec2 letter;
out vec3 colour;

uniform mat4 view, projection;
uniform vec3 right, up, eye;
uniform vec3 focal, focal_right;

void main() {
    vec2 corner = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1));
    vec3 x = right, y = up;
    if (dot(facing, facing) > 0.25) {
        x = normalize(cross(vec3(0.0, 1.0, 0.0), facing) + 1e-6);
        y = normalize(cross(facing, x));
    }
    vec3 middle = where;
    if (beside != vec2(0.0)) {
        float room = max(0.97 * length(focal_right) - extent.x, 0.0);
        float least = dot(where - focal, right) + beside.x + sign(beside.x) * extent.x;
        middle = focal + right * clamp(least, -room, room) + up * (dot(where - focal, up) + beside.y);
    }
    vec2 o = (corner * 2.0 - 1.0) * extent;
    letter = mix(rectangle.xy, rectangle.zw, corner);
    colour = tint * shines * sqrt(through_murk(middle, eye));  // words stay readable in thick air
    gl_Position = projection * view * vec4(middle + x * o.x + y * o.y, 1.0);
}

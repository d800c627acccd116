// A mote and the way that it just came: a short streak along the air's own velocity, never thinner than a pixel.
in vec3 where;
in vec3 velocity;
in float radius;
in vec3 light;
out vec2 disc;
out float length_of_it;   // in radii, from the middle of the tail's round end to that of the head
out float ahead;
out vec3 colour;

uniform mat4 view, projection;
uniform vec2 pixels;
uniform float sparks, trail;

void main() {
    vec2 corner = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1)) * 2.0 - 1.0;
    vec4 head = view * vec4(where, 1.0), tail = view * vec4(where - velocity * trail, 1.0);
    ahead = max(-head.z, 1e-3);
    float pixel = 2.0 * ahead / (projection[1][1] * pixels.y);
    float drawn = max(radius, 1.1 * pixel);
    vec2 run = head.xy - tail.xy;
    float far = length(run);
    vec2 along = far > 1e-6 ? run / far : vec2(1.0, 0.0), beside = vec2(-along.y, along.x);
    length_of_it = far / drawn;
    disc = vec2(corner.x > 0.0 ? 1.0 + length_of_it : -1.0, corner.y);   // 0, 0 is the tail's end
    colour = light * sparks * max(radius * radius / (drawn * drawn), 0.06) / (1.0 + 0.35 * length_of_it);
    vec4 end = mix(tail, head, step(0.0, corner.x));
    end.xy += (along * corner.x + beside * corner.y) * drawn;
    gl_Position = projection * end;
}

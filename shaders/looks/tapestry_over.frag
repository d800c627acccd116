// The air's few pixels laid over the view, in no steps (a quadratic B-spline of four linear reads).
in vec2 at;
out vec4 radiance;

uniform sampler2D mist;

void main() {
    vec2 size = vec2(textureSize(mist, 0)), off = 0.5 / size;
    vec3 sum = vec3(0.0);
    for (int i = 0; i < 4; i++) sum += texture(mist, at + off * vec2(float(i & 1) * 2.0 - 1.0, float(i & 2) - 1.0)).rgb;
    radiance = vec4(0.25 * sum, 0.0);
}

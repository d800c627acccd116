// The colour of air by what it carries: 0 clear, 1 foul. Blue-white, by way of a warm white, to amber and rust.
vec3 carried(float foul) {
    vec3 clear = vec3(0.30, 0.70, 1.0), between = vec3(0.95, 0.78, 0.66), amber = vec3(1.0, 0.45, 0.08), rust = vec3(0.85, 0.25, 0.03);
    vec3 c = mix(clear, between, smoothstep(0.24, 0.44, foul));
    c = mix(c, amber, smoothstep(0.38, 0.58, foul));
    return mix(c, rust, smoothstep(0.74, 0.95, foul));
}

// Light that runs with the air: at one moment, of air that is so many seconds behind a place, 0 to 1. A bright
// head and a tail behind it, one for each period; every second one is faded as far as `fading` says.
uniform float now, period, fading;   // s of the world; of it; 0 to 1

float one_train(float time, float each, float blurred) {
    float x = fract((time - now) / each);                             // 1 at a head, less behind it
    float head = x * x * x * x * x * x * (1.0 - smoothstep(1.0 - blurred, 1.0, x));
    return mix(head, 0.12, smoothstep(0.25, 0.7, blurred));           // too near each other to be told apart
}

// blurred: s that a pixel covers.
float pulse(float time, float blurred) {
    return mix(one_train(time, period, clamp(blurred / period, 0.02, 1.0)),
               one_train(time, 2.0 * period, clamp(0.5 * blurred / period, 0.02, 1.0)), fading);
}

float one_dust(float time, float each, float blurred) {
    float x = (time - now) * 16.0 / each;                             // sixteen grains to a pulse, over and over
    float number = mod(floor(x), 16.0);
    float size = fract(sin(number * 12.9898 + 4.1) * 43758.547);      // each its own
    float grain = (0.35 + 1.5 * size) * (1.0 - smoothstep(0.12, 0.5, abs(fract(x) - 0.5)));
    return mix(grain, 0.7, smoothstep(0.2, 0.7, 16.0 * blurred / each));
}

// Grains that ride with the light, about 0.7 on average.
float dust(float time, float blurred) {
    return mix(one_dust(time, period, blurred), one_dust(time, 2.0 * period, blurred), fading);
}

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

// EDGE: defined for the pixels that an edge of the body runs through.
//
// The low-resolution air laid over the view: between four neighbours, those at another depth left out.
#include "lib/camera.glsl"
#ifdef EDGE
#include "lib/layers.glsl"
#endif

in vec2 at;
layout(location = 0, index = 0) out vec4 gives;    // what the air adds
layout(location = 0, index = 1) out vec4 leaves;   // and what it lets through of each colour, and of cover

uniform sampler2D scattered;
uniform sampler2D passed;
uniform sampler2D depth;
uniform sampler2D cover;

// The air before what stands so many metres ahead.
void air_before(float here, out vec4 gives, out vec4 leaves) {
    ivec2 size = textureSize(passed, 0);
    vec2 place = at * vec2(size) - 0.5;
    ivec2 base = ivec2(floor(place));
    vec2 part = place - vec2(base);
    here = min(here, 60.0);
    vec4 given = vec4(0.0), left = vec4(0.0);
    float weights = 0.0;
    for (int i = 0; i < 4; i++) {
        ivec2 o = ivec2(i & 1, i >> 1), c = clamp(base + o, ivec2(0), size - 1);
        vec4 through = texelFetch(passed, c, 0), light = texelFetch(scattered, c, 0);
        vec2 near = abs(vec2(1 - o) - part);
        float w = (near.x * near.y + 1e-3) / (0.02 + abs(here - min(through.a, 60.0)));
        given += w * light;
        left += w * vec4(through.rgb, 1.0 - light.a);
        weights += w;
    }
    gives = given / weights;
    leaves = left / weights;
}

void main() {
    float here = ahead_of(texture(depth, at).r);
#ifdef EDGE   // the near limb's share has the air before it, the rest what is before the far limb, or before nothing
    Layers skins = layers(ivec2(gl_FragCoord.xy));
    float cosine = dot(ray_through(at), forward);
    float near = min(here, skins.near * cosine), far = skins.open ? reach.y : skins.far * cosine;
    vec4 far_gives, far_leaves;
    air_before(near, gives, leaves);
    air_before(far, far_gives, far_leaves);
    float share = texelFetch(cover, ivec2(gl_FragCoord.xy), 0).r;
    gives = mix(far_gives, gives, share);
    leaves = mix(far_leaves, leaves, share);
#else
    air_before(here, gives, leaves);
#endif
}

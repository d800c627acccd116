// How far a ray may step from p, m (bioart/looks/_pace.py).
#include "lib/volume.glsl"
uniform sampler3D pace;
uniform vec3 pace_origin, pace_size;

float pace_at(vec3 p) {
    return texture(pace, in_box(p, pace_origin, pace_size)).r;
}

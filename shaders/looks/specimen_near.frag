// How far the nearest block is along the ray, m.
in vec3 place;
out float entry;
uniform vec3 eye;

void main() {
    entry = distance(place, eye);
}

"""VTK's GPU volume mapper on the field of benchmarks/volume.py: a process that draws when it is told.

Reads lines `SIZE DISTANCE FRAMES` (640x360 1.0 5; the distance between samples in cells, 0: VTK's own choice)
and answers each with one line of JSON: seconds of each frame, drawn and read back, and the picture's error.
"""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import vtk
from vtk.util import numpy_support

FIELD = Path(sys.argv[1])
told = np.load(FIELD)
field, cell, dense = told["field"], float(told["cell"]), float(told["dense"])
eye, fov = told["eye"].tolist(), float(told["fov"])
N = field.shape[0]


def window(width: int, height: int, distance: float) -> vtk.vtkRenderWindow:
    image = vtk.vtkImageData()
    image.SetDimensions(N, N, N)
    image.SetSpacing(cell, cell, cell)
    image.SetOrigin(*([-0.5 * (N - 1) * cell] * 3))
    values = numpy_support.numpy_to_vtk(field.transpose(2, 1, 0).ravel().copy(), deep=1)
    image.GetPointData().SetScalars(values)
    mapper = vtk.vtkGPUVolumeRayCastMapper()
    mapper.SetInputData(image)
    mapper.SetBlendModeToComposite()
    if distance > 0:
        mapper.SetAutoAdjustSampleDistances(0)
        mapper.SetSampleDistance(distance * cell)
    white, opacity = vtk.vtkColorTransferFunction(), vtk.vtkPiecewiseFunction()
    for share in (0.0, 1.0):
        white.AddRGBPoint(share, 1, 1, 1)
    for share in np.linspace(0, 1, 257):
        opacity.AddPoint(share, 1 - math.exp(-dense * share * cell))
    look = vtk.vtkVolumeProperty()
    look.SetColor(white)
    look.SetScalarOpacity(opacity)
    look.SetScalarOpacityUnitDistance(cell)
    look.SetInterpolationTypeToLinear()
    look.ShadeOff()
    body = vtk.vtkVolume()
    body.SetMapper(mapper)
    body.SetProperty(look)
    renderer = vtk.vtkRenderer()
    renderer.AddVolume(body)
    renderer.SetBackground(0, 0, 0)
    made = vtk.vtkRenderWindow()
    made.SetOffScreenRendering(1)
    made.SetSize(width, height)
    made.SetMultiSamples(0)
    made.AddRenderer(renderer)
    camera = renderer.GetActiveCamera()
    camera.SetPosition(*eye)
    camera.SetFocalPoint(0, 0, 0)
    camera.SetViewUp(0, 1, 0)
    camera.SetViewAngle(math.degrees(fov))
    renderer.ResetCameraClippingRange()
    return made


windows: dict[tuple[int, int, float], vtk.vtkRenderWindow] = {}
for line in sys.stdin:
    size, distance, frames = line.split()
    width, height = (int(v) for v in size.split("x"))
    key = (width, height, float(distance))
    if key not in windows:
        windows[key] = window(*key)
        windows[key].Render()
    made, codes, took = windows[key], vtk.vtkUnsignedCharArray(), []
    for _ in range(int(frames)):
        made.GetRenderers().GetFirstRenderer().GetActiveCamera().Modified()
        began = time.perf_counter()
        made.Render()
        made.GetPixelData(0, 0, width - 1, height - 1, 0, codes, 0)
        took.append(time.perf_counter() - began)
    picture = numpy_support.vtk_to_numpy(codes).reshape(height, width, 3)[::-1, :, 0] / 255.0
    error = picture - np.load(FIELD.with_name(f"exact-{size}.npy"))
    print(json.dumps({"took": took, "error": float(np.sqrt((error**2).mean()))}), flush=True)

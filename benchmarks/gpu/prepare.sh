#!/bin/sh
# Gather, on a machine with network, what a bare GPU machine lacks for benchmarks/gpu/run.sh.
#
#     benchmarks/gpu/prepare.sh FOLDER FACES.zip [WEIGHTS.safetensors]
#
# FOLDER gets wheels for Linux x86-64 and the Python of $GPU_PYTHON (3.12), the first 4,096 JPEGs of
# the archive, and Inception's weights where they are given, as float16 (48 MB). Without them run.sh
# makes random ones: speed does not depend on their values, and the test of Inception's features is
# skipped. The GPU machine needs a torch and a torchvision of its own; carry FOLDER and this
# repository there.
set -eu
folder=$1 faces=$2 weights=${3:-}
here=$(cd "$(dirname "$0")/../.." && pwd)
python=${PYTHON:-python3}
mkdir -p "$folder/wheels"
for name in annotated-types click filelock hypothesis lightning-fabric lightning-utilities \
  platformdirs psutil pydantic pydantic_core pytest-timeout sortedcontainers tomlkit \
  torch_fidelity typing-inspection; do
  pinned=$(grep -i "^$(echo "$name" | sed 's/[-_]/[-_]/g')==" "$here/constraints.txt" || echo "$name")
  "$python" -m pip download --quiet --no-deps --only-binary=:all: --implementation cp \
    --python-version "${GPU_PYTHON:-3.12}" --platform manylinux_2_28_x86_64 \
    --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 \
    --dest "$folder/wheels" "$pinned"
done
# zerosum itself runs from its sources there; its wheel tells libraries and runs its version.
"$python" -m pip wheel --quiet --no-deps --wheel-dir "$folder/wheels" "$here"
"$python" - "$faces" "$folder/faces.zip" <<'PYTHON'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as source, zipfile.ZipFile(sys.argv[2], "w") as target:
    names = [name for name in source.namelist() if name.lower().endswith(".jpg")][:4096]
    for name in names:
        target.writestr("faces/" + name.rpartition("/")[2], source.read(name))
PYTHON
if [ -n "$weights" ]; then
  "$python" - "$weights" "$folder/inception.safetensors" <<'PYTHON'
import sys
from safetensors.torch import load_file, save_file
weights = load_file(sys.argv[1])
halves = {name: each.half() if each.is_floating_point() else each for name, each in weights.items()}
save_file(halves, sys.argv[2])
PYTHON
fi
du -sh "$folder"

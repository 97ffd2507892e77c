#!/bin/sh
# Everything that only a CUDA machine can tell, without network, in under eight minutes.
#
#     benchmarks/gpu/run.sh FOLDER OUT [PART ...]
#
# FOLDER is what prepare.sh gathered. Each part runs in a process of its own with a limit, and leaves
# OUT/PART.log and a line of JSON in OUT/parts.jsonl: how it ended, after how many seconds. Without
# names all parts run, in order of worth: tests dcgan wgan-gp dcgan-mnist features faces.
set -eu
folder=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
shift 2
cd "$(dirname "$0")/../.."
site=/tmp/zerosum-gpu
python=${PYTHON:-python3}
"$python" -m pip install --quiet --no-index --no-deps --no-compile --upgrade --target "$site/wheels" \
  "$folder"/wheels/*.whl
export PYTHONPATH="$PWD/src:$PWD:$site/wheels" PYTHONUNBUFFERED=1 ZEROSUM_CACHE="$site/cache"
"$python" - "$folder/faces.zip" "$site" <<'PYTHON'
import sys, zipfile
from pathlib import Path
from PIL import Image
from zerosum.data.sources.idx import DIGITS, read_idx
site = Path(sys.argv[2])
zipfile.ZipFile(sys.argv[1]).extractall(site / "faces")
digits = site / "digits" / "all"
digits.mkdir(parents=True, exist_ok=True)
for number, pixels in enumerate(read_idx(DIGITS / "images-idx3-ubyte.xz")[:8000]):
    Image.fromarray(pixels).save(digits / f"{number:05d}.png", compress_level=1)
PYTHON
nvidia-smi --query-gpu=name,driver_version --format=csv,noheader
"$python" -c 'import torch, platform; print("torch", torch.__version__, "python", platform.python_version())'

part() { # name, seconds at most, command …
  name=$1 limit=$2
  shift 2
  case " $wanted " in *" $name "*) ;; *) return 0 ;; esac
  begun=$(date +%s) code=0
  timeout "$limit" "$@" >"$out/$name.log" 2>&1 || code=$?
  printf '{"part": "%s", "exit": %d, "seconds": %d}\n' "$name" "$code" "$(($(date +%s) - begun))" |
    tee -a "$out/parts.jsonl"
  tail -n 40 "$out/$name.log"
}

wanted=${*:-tests dcgan wgan-gp dcgan-mnist features faces}
training="$python benchmarks/training.py"
part tests 240 env OMP_NUM_THREADS=2 "$python" -m pytest -q --tb=short -m cuda tests/training/test_cuda.py tests/evaluation/test_cuda.py \
  tests/generation/test_trained_generator.py tests/data/test_batches.py -p no:cacheprovider \
  ${GPU_PYTEST_OPTIONS:-}
part dcgan 120 $training dcgan --data "$site/faces" --steps 200 --rounds 1 --workers 8 --resident --cuda-graph
part wgan-gp 90 $training wgan-gp --data "$site/faces" --steps 60 --rounds 1 --workers 8 --resident --cuda-graph
part dcgan-mnist 90 $training dcgan-mnist --data "$site/digits" --steps 300 --rounds 1 --workers 8 --resident --cuda-graph
if [ -f "$folder/inception.safetensors" ]; then
  export ZEROSUM_INCEPTION_WEIGHTS="$folder/inception.safetensors"
  part features 120 "$python" benchmarks/evaluation.py --only features --weights "$ZEROSUM_INCEPTION_WEIGHTS" \
    --data "$site/faces/faces" --images 2000 --rounds 1
fi
part faces 180 "$python" -m zerosum train dcgan --data "$folder/faces.zip" --out "$out/run" \
  --images 1_000_000 --evaluation.images 2000 --cuda-graph --stop-after 120s

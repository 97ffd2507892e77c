#!/bin/sh
# Everything that only a CUDA machine can tell, without network, in under eight minutes.
#
#     benchmarks/gpu/run.sh FOLDER OUT [PART ...]
#
# FOLDER is what prepare.sh gathered. Each part runs in a process of its own with a limit. OUT gets
# parts.jsonl, a line a part: how it ended (0 is well, 124 its limit), after how many seconds; and
# results.tar.gz, under 16 MB, with that, the logs, and of the training its summary, curves and newest
# samples: also where a part fails or all is ended early. Without names all parts run, in order of
# worth; $GPU_SECONDS (475) is what they may take together.
set -eu
parts="tests dcgan wgan-gp faces dcgan-mnist features compiled-dcgan compiled-wgan-gp"
folder=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
shift 2
wanted=${*:-$parts}
for name in $wanted; do
  case " $parts " in *" $name "*) ;; *)
    echo "run.sh: no part $name; there are $parts" >&2
    exit 2
    ;;
  esac
done
cd "$(dirname "$0")/../.."
begun=$(date +%s) site=/tmp/zerosum-gpu python=${PYTHON:-python3}
work=$site/out
rm -rf "$work"
mkdir -p "$work"
: >"$out/parts.jsonl"

finish() {
  rm -rf "$site/results"
  mkdir -p "$site/results"
  for log in "$work"/*.log; do
    [ ! -f "$log" ] || tail -c 300000 "$log" >"$site/results/${log##*/}"
  done
  cp "$out/parts.jsonl" "$site/results"
  for name in summary.md recipe.toml state.json metrics.jsonl verdicts.jsonl charts; do
    [ ! -e "$work/run/$name" ] || cp -r "$work/run/$name" "$site/results"
  done
  for sheet in $(ls "$work"/run/samples/*.png 2>/dev/null | tail -n 3); do # reals.png is the last
    cp "$sheet" "$site/results"
  done
  tar -czf "$out/results.tar.gz" -C "$site" results
  ls -l "$out"
}
trap finish EXIT
trap 'exit 143' INT TERM

"$python" -m pip install --quiet --no-index --no-deps --no-compile --upgrade --target "$site/wheels" \
  "$folder"/wheels/*.whl
export PYTHONPATH="$PWD/src:$PWD:$site/wheels" PYTHONUNBUFFERED=1 ZEROSUM_CACHE="$site/cache"
weights=$site/random.safetensors
if [ -f "$folder/inception.safetensors" ]; then
  weights=$folder/inception.safetensors
  export ZEROSUM_REAL_WEIGHTS="$weights"
fi
"$python" - "$folder/faces.zip" "$site" "$weights" <<'PYTHON'
import sys, zipfile
from pathlib import Path
from PIL import Image
from zerosum.data.sources.idx import DIGITS, read_idx
site, weights = map(Path, sys.argv[2:])
zipfile.ZipFile(sys.argv[1]).extractall(site / "faces")
digits = site / "digits" / "all"
digits.mkdir(parents=True, exist_ok=True)
for number, pixels in enumerate(read_idx(DIGITS / "images-idx3-ubyte.xz")[:8000]):
    Image.fromarray(pixels).save(digits / f"{number:05d}.png", compress_level=1)
if not weights.exists():  # random ones: speed does not depend on their values
    import torch
    from safetensors.torch import save_file
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

    class Random(FeatureExtractorInceptionV3):
        def load_state_dict(self, *_, **__):
            for layer in self.modules():
                if isinstance(layer, torch.nn.Conv2d):
                    torch.nn.init.kaiming_normal_(layer.weight)

    torch.manual_seed(0)
    torch.save({}, site / "nothing.pth")
    network = Random("inception-v3-compat", ["2048"], str(site / "nothing.pth"))
    save_file(network.state_dict(), weights)
PYTHON
nvidia-smi --query-gpu=name,driver_version --format=csv,noheader || echo "no nvidia-smi"
"$python" -c 'import torch, platform; print("torch", torch.__version__, "python", platform.python_version())'

part() { # name, seconds at most, command …
  name=$1 limit=$2
  shift 2
  case " $wanted " in *" $name "*) ;; *) return 0 ;; esac
  now=$(date +%s)
  left=$((${GPU_SECONDS:-475} - now + begun))
  [ "$left" -ge "$limit" ] || limit=$left
  if [ "$limit" -lt 10 ]; then
    printf '{"part": "%s", "exit": null, "seconds": 0}\n' "$name" | tee -a "$out/parts.jsonl"
    return 0
  fi
  code=0
  # pytest and trainings tell at an interrupt what they have.
  timeout -s INT -k 5 "$limit" "$@" >"$work/$name.log" 2>&1 || code=$?
  printf '{"part": "%s", "exit": %d, "seconds": %d}\n' "$name" "$code" "$(($(date +%s) - now))" |
    tee -a "$out/parts.jsonl"
  tail -n 25 "$work/$name.log" | cut -c 1-300
}

side_by_side() { # name, seconds at most, recipe, data, steps, sides, seconds a side
  part "$1" "$2" "$python" benchmarks/training.py "$3" --data "$site/$4" --steps "$5" --sides "$6" \
    --side-seconds "$7" --rounds 1 --workers 8
}

workers=
if "$python" -c 'import xdist' 2>/dev/null; then workers="-n 10 --dist worksteal"; fi
part tests 150 env OMP_NUM_THREADS=1 "$python" -m pytest -q --tb=short --show-capture=no --durations=10 \
  -m cuda -p no:cacheprovider --timeout 140 $workers ${GPU_PYTEST_OPTIONS:-} \
  tests/training/test_cuda.py tests/evaluation/test_cuda.py tests/generation/test_trained_generator.py \
  tests/data/test_batches.py
# What counts comes first: a script's loader may take the rest of the time.
ours=captured,zerosum
side_by_side dcgan 60 dcgan faces 200 $ours,resident,tutorial 25
side_by_side wgan-gp 65 wgan-gp faces 40 $ours,resident,tutorial 25
part faces 40 "$python" -m zerosum train dcgan --data "$folder/faces.zip" --out "$work/run" \
  --images 1_000_000 --evaluation.images 0 --stop-after 20s
side_by_side dcgan-mnist 30 dcgan-mnist digits 300 $ours,tutorial 15
part features 60 "$python" benchmarks/evaluation.py --only features --weights "$weights" \
  --data "$site/faces/faces" --images 1000 --rounds 1
compiled=compiled+captured,compiled
side_by_side compiled-dcgan 60 dcgan faces 200 $compiled 55
side_by_side compiled-wgan-gp 65 wgan-gp faces 20 $compiled 60

#!/bin/bash
#SBATCH --job-name=pixelmill
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=32
#SBATCH --time=12:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
# Two minutes before the time is over the driver is told, lets go, and the job is queued once more.
#SBATCH --signal=B:TERM@120

# One pixelmill job on Slurm: sbatch cluster/slurm.sh job.yaml
#
# Needs pixelmill on the PATH of every node (a virtual environment on a shared file system), and the
# job's input and output where every node reaches them.  After a failure, a preemption or the end of
# the time: the same line again; what is committed is not done again.

set -euo pipefail

export RAY_USAGE_STATS_ENABLED=0 RAY_AUTH_MODE=disabled
export RAY_grpc_client_keepalive_time_ms=3000 RAY_grpc_client_keepalive_timeout_ms=5000

mapfile -t hosts < <(scontrol show hostnames "$SLURM_JOB_NODELIST")
head=${hosts[0]}
address=$(srun --overlap --nodes=1 --ntasks=1 --nodelist="$head" hostname --ip-address)
address=${address%% *}
# Jobs that share a node must not share a port.
port=$((20000 + SLURM_JOB_ID % 10000))
here=(--num-cpus="$SLURM_CPUS_PER_TASK" --object-store-memory=200000000 --block)

running=()
trap 'kill "${running[@]}" 2>/dev/null || true; wait' EXIT

srun --overlap --nodes=1 --ntasks=1 --nodelist="$head" \
    ray start --head --node-ip-address="$address" --port="$port" --include-dashboard=false \
    --temp-dir="/tmp/ray-$SLURM_JOB_ID" "${here[@]}" &
running+=($!)

for _ in {1..60}; do
    if (exec 3<>"/dev/tcp/$address/$port") 2>/dev/null; then break; fi
    sleep 1
done

others=$((${#hosts[@]} - 1))
if ((others > 0)); then
    srun --overlap --nodes="$others" --ntasks="$others" --exclude="$head" \
        ray start --address="$address:$port" "${here[@]}" &
    running+=($!)
fi

# Workers join as their nodes come up; nothing has to be waited for.
pixelmill run "$@" --ray --ray-address "$address:$port" &
driver=$!
trap 'kill -TERM "$driver"' TERM
code=0
wait "$driver" || code=$?
trap - TERM
if ((code > 128)) && kill -0 "$driver" 2>/dev/null; then
    code=0
    wait "$driver" || code=$? # the signal ended the first wait, not the driver
fi
if ((code == 130)); then # interrupted: it goes on where it stopped
    scontrol requeue "$SLURM_JOB_ID"
fi
exit "$code"

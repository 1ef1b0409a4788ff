"""Template: the commented job.yaml that `pixelmill init` writes; it runs as it is."""

TEMPLATE = """\
# A pixelmill job.  `pixelmill plan {name}` says what it will cost, `pixelmill run {name}` does it;
# running it again goes on where it stopped.  Lines behind # are the defaults, or examples.

# Tars, Parquet files or a folder of images; braces, globs, lists and @list.txt are expanded.
# Any fsspec URL will do: s3://bucket/train-{{000..999}}.tar
source: {source}
# source:
#   urls: [a.tar, b.tar]
#   image: jpg          # the member that holds the image; "auto" takes the first one
#   batch: 1000         # images (or rows) to a task, for folders and Parquet
#   labels:             # a table, CSV or Parquet, joined by key; or {{form: nih, table: ...}}
#     table: labels.csv
#     key: file
#     columns: {{label: kind, group: patient}}   # or labels (a|b), states (a column each)

# A folder for this job alone: shards, job.yaml, ledger/, quarantine/, manifest.json
output: {output}

decode:
  color: rgb            # rgb, gray, or keep (alpha and 16 bits, too)
  orientation: apply    # EXIF's; ignore leaves the pixels as stored
  # background: white   # what transparent pixels are laid on
  # icc: ignore         # srgb converts from an embedded profile
  # animation: first    # refuse sends animations to quarantine
  # scale: auto         # exact never decodes a JPEG at 1/2, 1/4, 1/8
  # max_pixels: 200000000
  # dicom: {{window: voi, bits: 8}}   # or [center, width], auto, none; 16 bits are kept otherwise

# Boxes, polygons, masks and keypoints of each sample's json, seg.png and panoptic.png move along.
# annotations:
  # min_visibility: 0.1         # leaves out what a crop has mostly cut away; min_size: in pixels
  # move: false                 # leaves them as they are

transforms:
  - min_size: 64                # drops images whose shorter side is below, and counts them
  - resize: {{size: 256, mode: shorter, filter: bicubic}}
  # - center_crop: 224
  # - random_resized_crop: {{size: 224, scale: [0.08, 1.0]}}
  # - flip: {{axis: horizontal, probability: 0.5}}
  # - rotate90: random
  # - pad: {{size: 256, mode: constant, fill: 0}}
  # - max_aspect: 4
  # - denoise: {{method: median, size: 3}}
  # - normalize: imagenet       # only with image: npy
  # - my_package.my_module:MyTransform: {{strength: 2}}

# Each output has its own last transforms: decode once, write several sizes.
outputs:
  - name: train
    format: webdataset          # or parquet
    image: {{format: jpeg, quality: 90, subsampling: "420"}}   # or png, webp, npy, keep
    # shards: {{samples: 5000}}   # or {{bytes: 256MB}}; without, one output shard for each task
    # shards: {{samples: 5000, equal: true}}         # cut across tasks: all but the last hold 5000
    # shards: {{samples: 5000, divisible_by: 64}}    # their number divides among 64 loader workers
    # shards: {{count: 256, last: drop}}             # what is left over: keep, drop or pad (repeat)
    # sample: {{balance: cls}}    # each class equally often; or {{weights: {{cat: 2}}, by: cls}},
    #                             # {{weight: json.score}}; with `samples: N`; needs shuffle: true
    # transforms: []
    # index: false              # a DALI index beside each tar

# Each sample on one side; the outputs are the sides (leave their names out).
# split: {{fractions: {{train: 0.8, test: 0.2}}, group: json.group, stratify: cls, leaks: fail}}
# split: {{lists: {{train: train.txt, test: test.txt}}}}   # or {{folds: 5}}

seed: 0
# dataset: {{name: pets, license: CC-BY-4.0, url: "https://...", creator: me}}  # for its papers
# statistics: levels            # mean and spread of each channel into the manifest, beside counts
# shuffle: true                 # the samples of all tasks in one random order, by the seed
max_failures: 0.01              # a fraction of the samples, or a count

executor:
  kind: auto                    # inline (threads of one process), ray, or auto
  # workers: 8
  # ray_address: auto           # a running cluster
  # memory: 1GiB                # decoded pixels that one process may hold
  # worker: {{cpus: 1, memory: 2GiB, resources: {{}}}}   # what each one asks of its Ray node
  # stragglers: {{times: 3, after: 30}}   # so far behind its peers, a task is begun elsewhere, too
  # stall: 600                  # s without any progress, then a task is run elsewhere
  # isolate: suspects           # samples in processes of their own: once a task died, always, never
  # sample_seconds: 600         # then a sample hangs, and goes to quarantine
"""


def template(name: str, source: str, output: str) -> str:
    return TEMPLATE.format(name=name, source=source, output=output)

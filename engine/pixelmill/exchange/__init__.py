"""exchange: samples change places between tasks; a global shuffle, and shards cut across tasks.

Two stages, both of them tasks with commit records on the ordinary executors:

    1  the job's own tasks; what an output writes goes into runs, `exchange/OUTPUT/TASK-PART.run`
       (where an output draws its samples, the driver draws here, from the runs' indexes: `draw`)
    2  one gathering a final shard: it reads its samples out of the runs by ranges, writes, commits

Then the manifest is written, and `exchange/` removed.

The order of an output is a number for each sample: without shuffle its place (task, as read), with
shuffle a keyed 128-bit hash of (seed, key), which is a uniform permutation that no worker, task or
shard size has a say in.  It does not depend on the output, so that two sizes of one dataset stay
side by side.  Samples of one key stand together, as they were read; where a shard has several, the
later ones are written as KEY~2, KEY~3 and counted, since readers would take them for one sample.
What `retry` mends after the end goes into shards of its own, out of the order.

A run is sorted by that number, in memory, and is at most `RUN_BYTES` large; a shard, which is one
stretch of the order, is therefore one stretch of every run.  At its end a run has an index (32
bytes a sample) and, where it is shuffled, counts by `BINS` equal stretches of the hash.  The sums
of those counts tell which stretch each cut between two shards lies in, the index of that stretch
alone tells the place: nowhere is there a list of keys.

A sample that is drawn several times stands in several places of the order, each a function of seed,
key and copy.  It lies in its run once, and is read from there for each of them.

Without shuffle a run is not sorted and has no counts: a shard is a stretch of one run or of a few
in a row.  Where samples are copied untouched from local tars, the run is an index of the tar itself
(`survey`), and a shard is copied from where its samples are, file to file.

How it scales: the driver holds BINS sums and one line a run (18 MB for 100 million keys in 10,000
tasks, bench/scale/exchange_memory.py), and for a draw the count of each class and the candidates of
a pass; a task in flight holds one run of each output, a gathering
the index of its stretches (samples / BINS at least) and a batch of samples.  Every shard reads from
every run, so there are runs x shards reads: 1,000 tasks and 1,000 shards are a million reads of
25 kB for 25 GB.  That product is what limits: beyond some 10,000 x 10,000, the reads of a bucket
cost more than its bytes, and the job should have larger tasks (`source.per_task`) or shards.
"""

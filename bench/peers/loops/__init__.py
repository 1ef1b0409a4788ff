"""loops: the jobs as each peer's users write them; only `pixelmill*` and `floor*` know pixelmill.

A loop has those of these functions that the peer can do, and no others:

    start(cores)                        once, before anything else
    prepare(tars, folder, cores)        outside of the timing: another format, what a floor holds;
                                        returns what the jobs then read instead of the tars
    shards_to_shards(tars, out, cores)  J1: writes below `out`, returns the number of images
    tensors(tars, cores)                J2: yields (keys, float32 array [N, 3, 224, 224])
    reader(tars, cores)                 J4: the same, of random crops
    kernels()                           J3: name -> a function of one uint8 array [H, W, 3]

Keys are None where the peer does not tell them: it then keeps the order of the shards.
"""

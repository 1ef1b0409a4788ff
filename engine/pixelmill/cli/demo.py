"""pixelmill demo: real photographs through the whole way, and a picture of what came out."""

import sys
from pathlib import Path
from time import perf_counter

import click


@click.command("demo")
@click.argument("folder", default="demo", type=click.Path(file_okay=False, path_type=Path))
@click.option("--samples", default=400, show_default=True, help="How many photographs to cut.")
@click.option("--shards", default=4, show_default=True, help="Into how many input shards.")
def command(folder: Path, samples: int, shards: int) -> None:
    """Cut a few hundred photographs, pack them into shards, run a job, draw a contact sheet.

    Everything goes into FOLDER (demo): photos/ the input shards, out/ the output, and
    contact-sheet.jpg.
    """
    from pixelmill.cli.progress import Progress
    from pixelmill.cli.summary import summarise
    from pixelmill.demo.contact_sheet import contact_sheet
    from pixelmill.demo.samples import write_samples
    from pixelmill.job import Job, Source
    from pixelmill.run import run

    photos, out = folder / "photos", folder / "out"
    if (out / "job.yaml").exists():
        raise click.UsageError(
            f"{out} holds a demo already; remove {folder}, or name another folder"
        )
    click.echo(f"1. Cutting {samples} photographs into {shards} shards under {photos}/ ...")
    start = perf_counter()
    shown = write_samples(str(photos), samples, shards, odd=True)
    total = sum(Path(url).stat().st_size for url in shown)
    click.echo(f"   {total / 1e6:.0f} MB in {perf_counter() - start:.1f} s")
    spec = f"{photos}/train-{{000..{shards - 1:03d}}}.tar"
    click.echo(f"2. pixelmill run '{spec}' {out} --min-size 64 --resize 256 --quality 90")
    job = Job(
        source=Source(urls=[spec]),
        output=str(out),
        transforms=[{"min_size": 64}, {"resize": 256}],
    )
    with Progress() as watch:
        report = run(job, watch)
    summarise(report)
    sheet = folder / "contact-sheet.jpg"
    written = sorted(str(path) for path in out.glob("*.tar"))
    pairs = contact_sheet(shown, written, str(sheet), title="pixelmill demo")
    click.echo("3. Where to look:")
    click.echo(f"   {sheet}  {pairs} photographs before and after: open this one")
    click.echo(
        f"   {out}/train-000000.tar ...  the shards, for webdataset, Hugging Face datasets, tar"
    )
    click.echo(f"   {out}/quarantine/  the photograph cut short on purpose, and why")
    click.echo(f"   {out}/manifest.json, {out}/ledger/  what was written, and by which task")
    click.echo(f"   next: pixelmill verify {out}; pixelmill status {out}; pixelmill init")
    sys.exit(report.exit_code)

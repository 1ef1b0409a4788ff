"""cli: the commands; each lives in a file of its name, which is imported when it is called."""

import sys
from io import StringIO

import click

from pixelmill.cli.lazy import Lazy

COMMANDS = {
    "bench": "what this machine, or a job on it, can do a second; what has changed",
    "demo": "a few hundred real photographs through the whole way, with a contact sheet",
    "import": "a published dataset, with its labels, as shards",
    "info": "versions, processor, SIMD width, libraries",
    "init": "write a commented job.yaml",
    "plan": "what a job will cost: tasks, shards, bytes, time, memory",
    "reshard": "existing shards merged, split or shuffled, their samples untouched",
    "retry": "process the quarantined samples again, once mended",
    "run": "do a job, or go on with it",
    "schema": "the job file's JSON schema, for editors",
    "sheet": "samples of an output folder before and after, annotations drawn over them",
    "split": "which side each sample goes to; groups kept whole, classes in their shares",
    "status": "how far an output folder has come",
    "verify": "recompute checksums and counts of an output folder",
}


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from pixelmill import __version__

        click.echo(f"pixelmill {__version__}")
        ctx.exit()


@click.group(
    cls=Lazy,
    package="pixelmill.cli",
    known=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--version", is_flag=True, callback=_version, expose_value=False, is_eager=True)
def cli() -> None:
    """Image shards in, training-ready shards out.

    \b
    pixelmill run 'photos/train-{000..009}.tar' out/ --resize 256 --quality 90
    pixelmill run job.yaml
    """


def main() -> None:
    """Exit codes: 0 done; 1 too much in quarantine, or failed; 2 wrong usage; 130 interrupted."""
    from pixelmill.errors import JobError, MissingPackage, OutputInUse, PixelmillError
    from pixelmill.storage import scrubbed

    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        text = StringIO()
        error.show(text)
        click.echo(scrubbed(text.getvalue()), nl=False, err=True)
        code = 2
    except (JobError, OutputInUse, MissingPackage) as error:
        click.echo(f"Error: {scrubbed(str(error))}", err=True)
        code = 2
    except PixelmillError as error:
        click.echo(f"Error: {scrubbed(str(error))}", err=True)
        code = 1
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted before anything was begun.", err=True)
        code = 130
    sys.exit(code if isinstance(code, int) else 0)

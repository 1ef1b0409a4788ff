"""pixelmill schema: the job file's JSON schema, for editors."""

import json

import click


@click.command("schema")
def command() -> None:
    """Print the JSON schema of job.yaml.

    In an editor that uses the YAML language server, save it and begin the job file with
    `# yaml-language-server: $schema=job.schema.json`.
    """
    from pixelmill.job.schema import job_schema

    click.echo(json.dumps(job_schema(), indent=1))

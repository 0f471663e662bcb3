"""An IO manager that stores nothing: our data is in Postgres, and nothing may be pickled."""

import dagster as dg


class NothingToStore(dg.IOManager):
    """Accepts None and refuses everything else."""

    def handle_output(self, context: dg.OutputContext, obj: object) -> None:
        """Nothing to do for None; anything else is a defect of the asset."""
        if obj is not None:
            raise dg.Failure(f"{context.get_identifier()} returned a value; assets write to the store and return none.")

    def load_input(self, context: dg.InputContext) -> None:
        """Assets read the store, never each other's outputs."""

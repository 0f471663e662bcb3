"""Tests of the sandbox's own parts; its vendors are tested in `contract`."""

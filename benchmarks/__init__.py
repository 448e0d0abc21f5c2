"""What Linkway does in a second and what it costs, each figure beside a limit of the same machine in the same run."""

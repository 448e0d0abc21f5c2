"""What runs inside the processes of Linkway in a fault run, and only there."""

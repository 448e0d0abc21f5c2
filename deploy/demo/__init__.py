"""Show Linkway at work: a running stack, and everybody outside it who refers, talks, answers and is helped."""

"""Files from outside, made anew from what they show, in a process that can do nothing else."""

"""A model on another machine, by the Open Inference Protocol over HTTP."""

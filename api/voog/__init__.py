"""The second API: a router a resource, with its request and response models, its own errors and times."""

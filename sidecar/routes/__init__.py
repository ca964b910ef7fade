"""The addresses of the sidecar, a module for each area; each ends with ROUTES."""

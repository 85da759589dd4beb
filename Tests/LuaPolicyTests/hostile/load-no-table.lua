-- A file that returns no policy.
return 42

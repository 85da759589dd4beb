-- A hook that is no function.
return { ready = 1, dispatch = {} }

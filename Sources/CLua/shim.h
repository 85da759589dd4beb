// Lua 5.4, as the system has it. Only CLuaBridge's .c files include lua.h: nothing in Swift may longjmp.

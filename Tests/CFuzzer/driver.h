#pragma once
#include <stddef.h>
#include <stdint.h>

/// libFuzzer as a library: calls `callback` with ever new bytes, as the arguments say.
/// Source: https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *bytes, size_t count));

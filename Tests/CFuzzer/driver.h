#pragma once
#include <stddef.h>
#include <stdint.h>

/// libFuzzer as a library: calls `callback` with ever new bytes, as the arguments say.
/// Source: https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *bytes, size_t count));

/// Changes `bytes` in place, as libFuzzer does it by itself.
/// - Returns: How many they are now, at most `limit`.
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t count, size_t limit);

/* weft-crc32c-private.h: the checksum of frames
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "base/weft-base.h"

/* CRC-32C (Castagnoli: reflected polynomial 0x82f63b78, initial and final complement) of the bytes
 * that gave @crc (0: none) and these behind them. Any thread. */
uint32_t _weft_crc32c (uint32_t crc, const void *bytes, size_t n_bytes);

/* The same without special instructions, for processors that have none, and to test the other. */
uint32_t _weft_crc32c_portable (uint32_t crc, const void *bytes, size_t n_bytes);

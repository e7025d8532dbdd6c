/* weftline-writer.h: whether a run file is still being written
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "model/weft-model.h"

#include <sys/stat.h>

typedef enum
{
  WEFTLINE_WRITER_UNKNOWN, /* it may be on another machine */
  WEFTLINE_WRITER_GONE,
  WEFTLINE_WRITER_HAS_IT, /* open, so more may come */
} WeftlineWriter;

/**
 * weftline_writer_pid:
 *
 * Returns: of the process that wrote the run, or 0: not known. Any thread.
 */
uint32_t weftline_writer_pid (const WeftModel *model);

/**
 * weftline_writer_look:
 * @pid: of the process that began the file, or 0: not known
 * @file: what it is
 *
 * Any thread.
 */
WeftlineWriter weftline_writer_look (uint32_t pid, const struct stat *file);

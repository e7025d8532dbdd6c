/* resource-paint.h: draws what resource-layout.h laid out
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "canvas/palette.h"
#include "canvas/text-cache.h"
#include "canvas/time-scale.h"
#include "resources/resource-layout.h"

/**
 * WeftlineResourcePaint:
 * @wall_ns: time of day at 0; 0: unknown
 * @rtl: what stands above the charts reads from the right
 * @has_time: other views show how it was at @time_ns
 */
typedef struct
{
  const WeftlineResourceLayout *layout;
  const WeftlinePalette *palette;
  WeftlineTextCache *text;
  WeftlineTimeForm time_form;
  int64_t wall_ns;
  bool rtl;
  bool has_time;
  int64_t time_ns;
} WeftlineResourcePaint;

/* One thread's. */
void weftline_resource_paint (const WeftlineResourcePaint *paint, cairo_t *cr);

/* window-leaks.h: whole stacks for leaks, in programs that show whole windows
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A window with all its cards knows more than 2,048 quarks: GLib gives up its first table of them,
 * which it made while it was loaded. The stack of that tells it from leaks that are ours (see
 * lsan.supp), but only if it is whole, as GLib is built without frame pointers.
 */
#pragma once

#ifdef __SANITIZE_ADDRESS__
__attribute__ ((visibility ("default"))) const char *__asan_default_options (void);

const char *
__asan_default_options (void)
{
  return "fast_unwind_on_malloc=0";
}
#endif

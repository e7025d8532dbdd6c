/* version.c: the version of the library
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "base/weft-version.h"

const char *
weft_version (void)
{
  return PACKAGE_VERSION;
}

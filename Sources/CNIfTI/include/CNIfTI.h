// Debian keeps libnifti's headers in /usr/include/nifti, but they name each other without that
// folder: the forwarding headers beside this one lead them there.
#ifndef SEGFED_CNIFTI_H
#define SEGFED_CNIFTI_H
#include "nifti2_io.h"
#endif

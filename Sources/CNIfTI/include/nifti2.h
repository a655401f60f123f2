#include </usr/include/nifti/nifti2.h>

#include </usr/include/nifti/nifti1.h>

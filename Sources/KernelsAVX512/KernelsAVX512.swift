// The variant for CPUs with AVX-512 (x86-64-v4): `CompiledKernels`, joined from Sources/KernelSources.

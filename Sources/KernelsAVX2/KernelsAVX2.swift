// The variant for CPUs with AVX2 and FMA (x86-64-v3): `CompiledKernels`, joined from Sources/KernelSources.

"""The sentences about jars, in Chinese and in English: why one cannot be run, and what may go wrong with one that can."""

from collections.abc import Mapping
from types import MappingProxyType

from penstock.api.pairs import Pair
from penstock.domain.faults import FaultCode
from penstock.domain.warning import WarningCode

C = FaultCode
W = WarningCode

JAR_FAULTS: Mapping[FaultCode, Pair] = MappingProxyType(
    {
        C.MAIN_CLASS_MISNAMED: Pair(
            "在{entrypoint}及其依赖包中找不到主类{main_class}，是否应为{near}？请检查main_class。",
            "The class {main_class} is neither in {entrypoint} nor in the dependency jars, but {near} is there. "
            "Correct main_class; a nested class is named with a $.",
        ),
        C.MAIN_CLASS_NOT_YOURS: Pair(
            "主类{main_class}属于Flink或Java自身，不能作为作业运行，请指定您自己的程序包中的类。",
            "{main_class} is a class of Flink or Java itself, and naming it would run that one. Name a class of your "
            "own jar in main_class.",
        ),
        C.MAIN_CLASS_NOT_PUBLIC: Pair(
            "主类{main_class}不是public，Flink无法调用，请将其声明为public。",
            "The class {main_class} is not public, so Flink cannot call it. Declare it public and build the jar again.",
        ),
        C.MAIN_METHOD_MISSING: Pair(
            "主类{main_class}没有main(String[])方法，请检查main_class。",
            "The class {main_class} has no main(String[]), not even an inherited one. Name the class that has it.",
        ),
        C.MAIN_METHOD_WRONG: Pair(
            "主类{main_class}的main方法（位于{owner}）不是public static void main(String[])，Flink无法调用，请修改。",
            "The main of {main_class}, in {owner}, is not one that Flink can call. Declare it in the class itself as "
            "public static void main(String[] args).",
        ),
        C.MAIN_METHOD_OUT_OF_REACH: Pair(
            "主类{main_class}的main方法位于非public的类{owner}中，Flink无法调用，请将{owner}声明为public。",
            "The main of {main_class} stands in {owner}, which is not public, so Flink cannot call it. Declare {owner} "
            "public, or give {main_class} a main of its own.",
        ),
        C.CLASS_TOO_NEW: Pair(
            "{package}中的类{class_name}是为Java {compiled}编译的，而作业运行在Java {java}上，请以--release {java}重新编译。",
            "The class {class_name} in {package} was compiled for Java {compiled}, but jobs run on Java {java}. "
            "Compile it with --release {java} or older.",
        ),
        C.CLASS_OF_A_PREVIEW: Pair(
            "{package}中的类{class_name}使用了Java {compiled}的预览特性，无法加载，请不使用--enable-preview重新编译。",
            "The class {class_name} in {package} was compiled with preview features of Java {compiled}, which are not "
            "enabled here. Compile it without --enable-preview.",
        ),
        C.CLASS_DAMAGED: Pair(
            "{package}中的类{class_name}已损坏，Java无法加载（{why}），请重新构建程序包。",
            "Java cannot load the class {class_name} in {package}: {why}. Build the jar again.",
        ),
        C.CLASS_MISSING: Pair(
            "类{needed_by}所需的父类或接口{class_name}不存在，请将其打入程序包或添加到dependency_jars。",
            "The class {needed_by} extends or implements {class_name}, which is in none of the jars. Bundle it, or add "
            "its jar to dependency_jars.",
        ),
        C.ENTRY_POINTS_OUT: Pair(
            "程序包{package}中的条目{entry}指向其目录之外，请删除该条目后重新上传。",
            "The entry {entry} of {package} points out of the folder it would be unpacked into. Remove it from the jar "
            "and upload the jar again.",
        ),
        C.ENTRIES_OVERLAP: Pair(
            "程序包{package}中的条目{entry}与其他条目重叠，可能是压缩炸弹，请重新构建程序包。",
            "The entry {entry} of {package} overlaps another one, as in an archive made to burst. Build the jar again.",
        ),
        C.ENTRIES_TOO_MANY: Pair(
            "程序包{package}（含lib/下的jar）的条目超过{limit}个，请减少后重试。",
            "The jar {package}, with the jars in its lib/, has more than {limit} entries. Split it, or leave out what "
            "the job does not need.",
        ),
        C.JAR_UNPACKS_TOO_LARGE: Pair(
            "程序包{package}解压后为{unpacked}字节，超过上限{limit}，可能是压缩炸弹，请将数据移出程序包。",
            "The jar {package} would unpack to {unpacked} bytes, where {limit} are the most for a jar of its size. "
            "Keep data out of the jar: name it in dependency_files, or read it from a bucket.",
        ),
        C.INNER_JARS_TOO_LARGE: Pair(
            "程序包{package}的lib/下的jar解压到{entry}时已超过{limit}字节，请将其改为dependency_jars。",
            "The jars in lib/ of {package} unpack to more than {limit} bytes; {entry} is the first beyond it. Upload "
            "them as packages of their own and name them in dependency_jars.",
        ),
        C.SIGNATURE_STALE: Pair(
            "程序包{package}中的签名{entry}与清单不符，Java拒绝加载其中的类，请在打包时排除META-INF/*.SF、*.RSA和*.DSA。",
            "The signature {entry} in {package} does not fit the jar's manifest, so Java loads no class of it. It comes "
            "from a library that was merged in: leave out META-INF/*.SF, *.RSA, *.DSA and *.EC when the jar is built.",
        ),
    }
)

WARNINGS: Mapping[WarningCode, Pair] = MappingProxyType(
    {
        W.FLINK_BUNDLED: Pair(
            "程序包{package}包含Flink自身的类（共{classes}个，例如{class_name}），运行时使用的是已安装的Flink，"
            "请将Flink依赖的范围设置为provided。",
            "{package} carries classes of Flink itself ({classes}, {class_name} among them). The installed Flink's are "
            "used instead; give Flink's dependencies the scope provided.",
        ),
        W.FLINK_2_USED: Pair(
            "主类{main_class}引用了Flink 2的类{class_name}，而此处运行的是Flink 1，请针对Flink 1.20重新构建。",
            "{main_class} uses {class_name}, which only Flink 2 has. Build the job against the Flink that runs here.",
        ),
        W.CLASS_ABSENT: Pair(
            "主类{main_class}引用的类{class_name}既不在Flink中也不在作业的程序包中（此类共{classes}个），"
            "请将其打入程序包或添加到dependency_jars。",
            "{main_class} uses {class_name} ({classes} such classes), which is neither in Flink nor in the job's jars. "
            "Bundle the connector, or add its jar to dependency_jars.",
        ),
        W.SIGNATURE_STALE: Pair(
            "程序包{package}中的签名{entry}与清单不符，Java将拒绝加载其中的类，请在打包时排除签名文件。",
            "The signature {entry} in {package} does not fit the jar's manifest: Java will load no class of that jar. "
            "Leave out META-INF/*.SF, *.RSA, *.DSA and *.EC when it is built.",
        ),
        W.JAR_PASSED_OVER: Pair(
            "Java会跳过{package}（{why}），其中的类不可用。",
            "Java passes over {package}, so its classes are not there: {why}",
        ),
        W.INNER_JARS_IGNORED: Pair(
            "依赖包{package}内的jar（例如{entry}）不会被加载，请将其单独添加到dependency_jars。",
            "Jars inside the dependency {package}, such as {entry}, are not on the class path. Name them in "
            "dependency_jars by themselves.",
        ),
    }
)

"""What is told in each scene: length, sentences, subtitles. Pictures: scenes and sphere.py."""

import collections

FRAMES_PER_SECOND = 24
SAMPLE_RATE = 48000
# 64 frames last exactly as long as 125 AAC frames: scenes of whole steps end with both.
STEP = 64

# at: second at which it begins; pinyin: Debian's espeak-ng knows few characters, pinyin it reads well.
Line = collections.namedtuple("Line", "at en zh pinyin spoken", defaults=(None,))
Scene = collections.namedtuple("Scene", "name steps lines")

KUAI_XIANG = [
    Scene("river", 4, [
        Line(0.6, "1417. For four years the great logs have floated north.",
             "永乐十五年。巨木漂了四年，才到北京。",
             "yong3 le4 shi2 wu3 nian2. ju4 mu4 piao1 le5 si4 nian2, cai2 dao4 bei3 jing1.",
             "Fourteen seventeen. For four years the great logs have floated north."),
        Line(6.2, "With them comes a carpenter’s son: Kuai Xiang.",
             "一个木匠的儿子随木而来：蒯祥。",
             "yi2 ge4 mu4 jiang4 de5 er2 zi5, sui2 mu4 er2 lai2: kuai3 xiang2.",
             "With them comes a carpenter's son: Kwai Shiang."),
    ]),
    Scene("yard", 5, [
        Line(0.5, "In the yard of sacred wood lies one nanmu, wide as a room.",
             "神木厂里躺着一根楠木，粗得像一间屋。",
             "shen2 mu4 chang3 li3, tang3 zhe5 yi4 gen1 nan2 mu4, cu1 de5 xiang4 yi4 jian1 wu1.",
             "In the yard of sacred wood lies one nanmoo, wide as a room."),
        Line(5.7, "A thousand men went into the mountains for it. Five hundred came back.",
             "为了它，入山一千人，出山五百人。",
             "wei4 le5 ta1, ru4 shan1 yi4 qian1 ren2, chu1 shan1 wu3 bai3 ren2."),
        Line(10.85, "He lays his ear to the wood.",
             "他把耳朵贴在木头上。",
             "ta1 ba3 er3 duo5 tie1 zai4 mu4 tou5 shang4."),
    ]),
    Scene("kiln", 4, [
        Line(0.6, "While the wood dries, he visits the golden-tile yard.",
             "等木头干的日子，他去看金砖。",
             "deng3 mu4 tou5 gan1 de5 ri4 zi5, ta1 qu4 kan4 jin1 zhuan1."),
        Line(5.0, "One hundred and thirty days of fire. Struck, a tile rings like a bell.",
             "一百三十天的火。敲一敲，声如金石。",
             "yi4 bai3 san1 shi2 tian1 de5 huo3. qiao1 yi4 qiao1, sheng1 ru2 jin1 shi2."),
    ]),
    Scene("bench", 4, [
        Line(0.5, "By night he builds the hall, small enough to hold.",
             "夜里，他先搭一座能捧在手里的殿。",
             "ye4 li3, ta1 xian1 da1 yi2 zuo4 neng2 peng3 zai4 shou3 li3 de5 dian4."),
        Line(4.8, "Block, arm, block. No nail. He presses it, and listens.",
             "斗，拱，斗，不用一钉。他按一按，听一听。",
             "dou3, gong3, dou3, bu2 yong4 yi4 ding1. ta1 an4 yi2 an4, ting1 yi4 ting1."),
    ]),
    Scene("cricket", 4, [
        Line(0.6, "An old man sells crickets. Look at the cage:",
             "一个老人卖蛐蛐。看那只笼子：",
             "yi2 ge4 lao3 ren2 mai4 qu1 qu1. kan4 na4 zhi1 long2 zi5:"),
        Line(4.45, "nine beams, eighteen posts, seventy-two ridges. A tower of straw.",
             "九梁，十八柱，七十二条脊。秫秸扎成的一座楼。",
             "jiu3 liang2, shi2 ba1 zhu4, qi1 shi2 er4 tiao2 ji3. shu2 jie1 za1 cheng2 de5 yi2 zuo4 lou2."),
    ]),
    Scene("court", 6, [
        Line(0.5, "The emperor turns the little hall in his hands.",
             "皇帝把小殿托在手里转看。",
             "huang2 di4 ba3 xiao3 dian4, tuo1 zai4 shou3 li3 zhuan4 kan4."),
        Line(4.4, "“How many nails?”", "“用了多少钉子？”",
             "yong4 le5 duo1 shao3 ding1 zi5?", "How many nails?"),
        Line(7.4, "“And what should my great hall be?”", "“朕的大殿，该是什么样？”",
             "zhen4 de5 da4 dian4, gai1 shi4 shen2 me5 yang4?", "And what should my great hall be?"),
        Line(12.2, "The ministers hold their breath.", "群臣屏住了呼吸。",
             "qun2 chen2 bing3 zhu4 le5 hu1 xi1."),
    ]),
    Scene("sill", 5, [
        Line(0.5, "In the night, envy has sawn the emperor’s threshold a foot too short.",
             "夜里，有人嫉妒，把御用的门槛锯短了一尺。",
             "ye4 li3, you3 ren2 ji2 du4, ba3 yu4 yong4 de5 men2 kan3 ju4 duan3 le5 yi4 chi3."),
        Line(5.6, "Under heaven there is no second timber like it.",
             "天下再没有第二根这样的木料。",
             "tian1 xia4 zai4 mei2 you3 di4 er4 gen1 zhe4 yang4 de5 mu4 liao4."),
        Line(9.8, "Dawn is one hour away.", "离天亮只有一个时辰。",
             "li2 tian1 liang4 zhi3 you3 yi2 ge4 shi2 chen5."),
    ]),
    Scene("vajra", 4, [
        Line(0.5, "Two dragon heads, and the sill lifts out: the vajra legs.",
             "雕两个龙头，门槛可以提起来：金刚腿。",
             "diao1 liang3 ge4 long2 tou2, men2 kan3 ke3 yi3 ti2 qi3 lai2: jin1 gang1 tui3.",
             "Two dragon heads, and the sill lifts out: the vajjra legs."),
        Line(6.0, "The carriage rolls through. The emperor laughs.",
             "御车过去了。皇帝笑了。",
             "yu4 che1 guo4 qu4 le5. huang2 di4 xiao4 le5."),
    ]),
    Scene("hall", 3, [
        Line(0.5, "New Year’s Day, 1421. The doors open.",
             "永乐十九年元旦，殿门大开。",
             "yong3 le4 shi2 jiu3 nian2 yuan2 dan4, dian4 men2 da4 kai1.",
             "New Year's Day, fourteen twenty-one. The doors open."),
        Line(5.0, "For a hundred days it stands.", "它站了一百天。",
             "ta1 zhan4 le5 yi4 bai3 tian1."),
    ]),
    Scene("storm", 4, [
        Line(0.5, "In May comes lightning.", "四月，雷来了。",
             "si4 yue4, lei2 lai2 le5."),
        Line(3.4, "Three halls burn in one night.", "三大殿，一夜烧尽。",
             "san1 da4 dian4, yi2 ye4 shao1 jin4."),
        Line(7.6, "The rain comes too late.", "雨，来得太晚。",
             "yu3, lai2 de5 tai4 wan3."),
    ]),
    Scene("rebuild", 4, [
        Line(0.6, "Nineteen years later they call him back.",
             "十九年后，他被召回。",
             "shi2 jiu3 nian2 hou4, ta1 bei4 zhao4 hui2."),
        Line(4.4, "The halls rise again. The court names him after the god of carpenters.",
             "大殿重起。人们叫他“蒯鲁班”。",
             "da4 dian4 chong2 qi3. ren2 men5 jiao4 ta1, kuai3 lu3 ban1."),
    ]),
    Scene("home", 4, [
        Line(0.6, "He goes home, to Xiangshan by the lake.",
             "他回到太湖边的香山。",
             "ta1 hui2 dao4 tai4 hu2 bian1 de5 xiang1 shan1.",
             "He goes home, to Shiangshan by the lake."),
        Line(4.4, "He tells the children: wood remembers who was patient.",
             "他对孩子们说：谁有耐心，木头都记得。",
             "ta1 dui4 hai2 zi5 men5 shuo1: shei2 you3 nai4 xin1, mu4 tou5 dou1 ji4 de5."),
    ]),
    Scene("tower", 4, [
        Line(0.6, "Where the walls meet rises a tower, light as a cage of straw.",
             "城墙转角立起一座楼，轻得像秫秸笼。",
             "cheng2 qiang2 zhuan3 jiao3, li4 qi3 yi2 zuo4 lou2, qing1 de5 xiang4 shu2 jie1 long2."),
        Line(5.6, "Six hundred years on, a cricket still sings there.",
             "六百年了，还有蛐蛐在里面唱。",
             "liu4 bai3 nian2 le5, hai2 you3 qu1 qu1 zai4 li3 mian4 chang4."),
    ]),
]

COURTYARD = [Scene(name, 4, []) for name in ("court", "court-gate", "hall", "roof")]


def frame_count(scene):
    return scene.steps * STEP


def seconds(scene):
    return frame_count(scene) / FRAMES_PER_SECOND

# What a narrator asks at the choices of Kuai Xiang, with the answers that are always there.
Prompt = collections.namedtuple("Prompt", "choice en pinyin")

PROMPTS = [
    Prompt("k_timber", "The wood is not dry. Let it dry until spring, or cut it today?",
           "mu4 tou5 hai2 mei2 gan1 tou4. deng3 dao4 kai1 chun1, hai2 shi4 jin1 tian1 jiu4 ju4?"),
    Prompt("k_model", "The model creaks. Show it to the court, or begin again?",
           "mo2 xing2 xiang3 le5 yi4 sheng1. cheng2 gei3 chao2 ting2, hai2 shi4 chai1 kai1 chong2 lai2?"),
    Prompt("k_nails", "What do you answer? Not one, or: as many as you command?",
           "yi4 gen1 ye3 mei2 you3, hai2 shi4 ting1 ping2 bi4 xia4 fen1 fu4?"),
    Prompt("k_hall", "What shall the hall be? One that yields, or taller than any before?",
           "da4 dian4, neng2 rang4 yi2 bu4, hai2 shi4 bi3 cong2 qian2 dou1 gao1?"),
    Prompt("k_sill", "The threshold is too short. Tell the truth, saw the other end, or name the man?",
           "men2 kan3 duan3 le5 yi4 chi3. shuo1 shi2 hua4, ju4 ling4 yi4 tou2, hai2 shi4 shuo1 chu1 shi4 shei2?"),
    Prompt("k_fire", "What will you save? The people, or the drawings?",
           "ni3 yao4 jiu4 shen2 me5? jiu4 ren2, hai2 shi4 jiu4 tu2 yang4?"),
]
